import { type DynamicModule, Module } from '@nestjs/common';
import { AccountModule } from './account/account.module.js';
import type { AppConfig } from './config/app-config.js';
import { ConfigModule } from './config/config.module.js';
import type { AppDatabase } from './database/app-database.js';
import { DatabaseModule } from './database/database.module.js';
import { EventsModule } from './events/events.module.js';
import { FreshLinksModule } from './fresh-links/fresh-links.module.js';
import { HomeModule } from './home/home.module.js';
import { InboxModule } from './inbox/inbox.module.js';
import { MailingsModule } from './mailings/mailings.module.js';
import { PagesModule } from './pages/pages.module.js';
import { PreferencesModule } from './preferences/preferences.module.js';
import { RequestTokensModule } from './request-tokens/request-tokens.module.js';
import { SendingModule } from './sending/sending.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { SignInModule } from './sign-in/sign-in.module.js';
import { SubscribersModule } from './subscribers/subscribers.module.js';
import { SupportModule } from './support/support.module.js';

@Module({
  imports: [
    PagesModule,
    RequestTokensModule,
    SessionsModule,
    SubscribersModule,
    MailingsModule,
    EventsModule,
    PreferencesModule,
    InboxModule,
    SendingModule,
    FreshLinksModule,
    SignInModule,
    AccountModule,
    SupportModule,
    HomeModule,
  ],
})
export class AppModule {
  static register(config: AppConfig, database: AppDatabase): DynamicModule {
    return {
      module: AppModule,
      imports: [ConfigModule.register(config), DatabaseModule.register(database)],
    };
  }
}
