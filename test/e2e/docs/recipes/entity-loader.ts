import { Injectable, Module } from '@nestjs/common';
import { RequestTokenModule, RequestTokenUserLoader } from 'nestjs-request-token';
import { DataSource, type EntityManager } from 'typeorm';
import { User } from '../../../support/user.entity.js';

@Injectable()
export class LinkUserLoader extends RequestTokenUserLoader {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async load(id: string, manager: EntityManager = this.dataSource.manager) {
    if (!/^\d{1,9}$/.test(id)) return undefined; // no key of ours
    const user = await manager.findOneBy(User, { id: Number(id) });
    return user && { id: user.id, name: user.name }; // and no password hash
  }
}

@Module({
  imports: [
    RequestTokenModule.forRoot({
      keys: process.env.REQUEST_TOKEN_SECRET,
      baseUrl: 'https://example.com',
      users: LinkUserLoader,
    }),
  ],
})
export class UsersModule {}
