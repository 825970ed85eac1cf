import { type DynamicModule, Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { requestTokenMigrations } from 'nestjs-request-token';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { AppDatabase } from './app-database.js';
import { CreateFreshLink1767225600002 } from './migrations/create-fresh-link.migration.js';
import { CreateNewsletter1767225600001 } from './migrations/create-newsletter.migration.js';
import { CreateSession1767225600003 } from './migrations/create-session.migration.js';

@Global()
@Module({})
export class DatabaseModule {
  static register(database: AppDatabase): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => ({
            ...database.options,
            autoLoadEntities: true,
            migrations: [
              ...requestTokenMigrations,
              CreateNewsletter1767225600001,
              CreateFreshLink1767225600002,
              CreateSession1767225600003,
            ],
            migrationsRun: true,
            // `openDatabase` has tried the connection, so that trying again would only hide a mistake.
            toRetry: () => false,
          }),
          dataSourceFactory: (options?: DataSourceOptions) =>
            // Several processes may start at once on one server: the first one makes the tables.
            database.exclusively('migrations', () => new DataSource(options!).initialize()),
        }),
      ],
      providers: [{ provide: AppDatabase, useValue: database }],
      exports: [AppDatabase],
    };
  }
}
