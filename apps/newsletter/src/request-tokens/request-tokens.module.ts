import { Module } from '@nestjs/common';
import { RequestTokenModule } from 'nestjs-request-token';
import { localAddress } from '../config/address.js';
import { AppConfig } from '../config/app-config.js';
import { Subscriber } from '../subscribers/subscriber.entity.js';
import { SubscribersModule } from '../subscribers/subscribers.module.js';
import { signingSecret } from './signing-secret.js';

/** The library, set up for this app: whose tokens, signed with what, and where their links lead. */
@Module({
  imports: [
    // The entity of the users has to be part of the DataSource.
    SubscribersModule,
    RequestTokenModule.forRootAsync({
      inject: [AppConfig],
      useFactory: async (config: AppConfig) => ({
        keys: await signingSecret(config),
        baseUrl: config.BASE_URL ?? localAddress(config),
      }),
      users: { entity: Subscriber },
    }),
  ],
})
export class RequestTokensModule {}
