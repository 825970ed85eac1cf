import { type DynamicModule, Module } from '@nestjs/common';
import { readConfig } from './config/app-config.js';
import { ConfigModule } from './config/config.module.js';
import { DatabaseModule } from './database/database.module.js';
import { openDatabase } from './database/open-database.js';
import { RequestTokensModule } from './request-tokens/request-tokens.module.js';

/** What the command line of the library needs of this app: its tokens, without the rest. */
@Module({ imports: [RequestTokensModule] })
class OperatorModule {}

/** `npx request-token … --app dist/apps/newsletter/src/operator.js` */
export default async function createOperatorModule(): Promise<DynamicModule> {
  const config = readConfig(process.env);
  const database = await openDatabase(config);
  return {
    module: OperatorModule,
    imports: [ConfigModule.register(config), DatabaseModule.register(database)],
  };
}
