import { Injectable, Module } from '@nestjs/common';
import { RequestTokenModule } from 'nestjs-request-token';
import { User } from '../../../support/user.entity.js';

@Injectable()
export class AppConfig {
  getOrThrow(name: string): string {
    const value = process.env[name];
    if (!value) throw new Error(`${name} is not set`);
    return value;
  }
}

@Module({ providers: [AppConfig], exports: [AppConfig] })
export class AppConfigModule {}

@Module({
  imports: [
    RequestTokenModule.forRootAsync({
      imports: [AppConfigModule],
      inject: [AppConfig],
      useFactory: (config: AppConfig) => ({
        keys: config.getOrThrow('REQUEST_TOKEN_SECRET'),
        baseUrl: config.getOrThrow('PUBLIC_URL'),
        defaults: { expiresIn: '30d' },
      }),
      users: { entity: User }, // beside the factory, as are dataSource and isGlobal
    }),
  ],
})
export class LinksModule {}
