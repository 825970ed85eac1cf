import { TypeOrmModule } from '@nestjs/typeorm';
import {
  RequestToken,
  RequestTokenLog,
  RequestTokenRevocation,
  RequestTokenStatistic,
} from 'nestjs-request-token';

/** The same connection, tables and pool for every subject. */
export const DatabaseModule = TypeOrmModule.forRoot({
  type: 'postgres',
  url: process.env.DATABASE_URL,
  entities: [RequestToken, RequestTokenLog, RequestTokenRevocation, RequestTokenStatistic],
  poolSize: 10,
  // While a subject waits for its turn, it would lose its connections, and set out with new ones.
  extra: { idleTimeoutMillis: 0 },
  retryAttempts: 0,
});
