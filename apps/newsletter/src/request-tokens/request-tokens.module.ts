import { Module } from '@nestjs/common';
import { passportSessions, RequestTokenModule } from 'nestjs-request-token';
import { linkBase } from '../config/address.js';
import { AppConfig } from '../config/app-config.js';
import { offerHelp } from '../fresh-links/refusal-help.js';
import { renderLinkPage } from '../pages/link-page.js';
import { Subscriber } from '../subscribers/subscriber.entity.js';
import { SubscribersModule } from '../subscribers/subscribers.module.js';
import { signingSecret } from './signing-secret.js';

/** The library, set up for this app: whose tokens, signed with what, where their links lead, and how that looks. */
@Module({
  imports: [
    // The entity of the users has to be part of the DataSource.
    SubscribersModule,
    RequestTokenModule.forRootAsync({
      inject: [AppConfig],
      useFactory: async (config: AppConfig) => ({
        keys: await signingSecret(config),
        baseUrl: linkBase(config),
        pages: { render: renderLinkPage },
        onRefused: offerHelp,
        sessions: passportSessions,
      }),
      users: { entity: Subscriber },
    }),
  ],
})
export class RequestTokensModule {}
