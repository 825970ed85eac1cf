import { Inject, Injectable, type Type } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { REQUEST_TOKEN_DATA_SOURCE } from '../common/constants.js';
import { EntityRows } from './entity-rows.js';
import { RequestToken } from './request-token.entity.js';
import { RequestTokenLog } from './request-token-log.entity.js';
import { RequestTokenRevocation } from './request-token-revocation.entity.js';
import { RequestTokenStatistic } from './request-token-statistic.entity.js';
import { SchemaError } from './schema-error.js';

/** All that the DataSource has to know. */
export const ENTITIES: Type<object>[] = [
  RequestToken,
  RequestTokenLog,
  RequestTokenRevocation,
  RequestTokenStatistic,
];

/** The library's entities in the DataSource of the app, once that is initialized. */
@Injectable()
export class KnownEntities {
  private problem?: SchemaError;

  constructor(@Inject(REQUEST_TOKEN_DATA_SOURCE) private readonly dataSource: DataSource) {}

  /** @throws SchemaError if the DataSource is not initialized, or lacks an entity */
  rowsOf<Entity extends object>(entity: Type<Entity>): EntityRows<Entity> {
    this.assertKnown();
    return new EntityRows(this.dataSource, entity);
  }

  /** The same error for the same message, so that it is logged once, however often it is met. */
  problemOf(message: string): SchemaError {
    if (this.problem?.message !== message) this.problem = new SchemaError(message);
    return this.problem;
  }

  private assertKnown(): void {
    const missing = ENTITIES.filter((entity) => !this.dataSource.hasMetadata(entity));
    if (missing.length > 0) throw this.problemOf(`RequestTokenModule: ${this.explanationFor(missing)}`);
  }

  private explanationFor(missing: Type<object>[]): string {
    const { isInitialized, entityMetadatas, options } = this.dataSource;
    const { name } = options as { name?: string };
    const dataSource = name === undefined ? 'the TypeORM DataSource' : `the TypeORM DataSource '${name}'`;
    if (!isInitialized) {
      return `${dataSource} is not initialized. With manualInitialization, await its initialize() before links are issued or opened.`;
    }
    const lacking = listOf(missing, ' and ');
    const all = listOf(ENTITIES, ', ');
    if (entityMetadatas.some(({ targetName }) => missing.some((entity) => entity.name === targetName))) {
      return (
        `${lacking} of ${dataSource} is another class of that name. Give it those of nestjs-request-token, entities: [${all}]. ` +
        'If it has them, the package is installed or loaded twice: look with npm ls nestjs-request-token.'
      );
    }
    return (
      `${dataSource} lacks the entities ${lacking}. Where it is made, TypeOrmModule.forRoot() as a rule, add those of ` +
      `nestjs-request-token to its entities, entities: [${all}, …], or say autoLoadEntities: true.`
    );
  }
}

const listOf = (entities: Type<object>[], separator: string): string =>
  entities.map(({ name }) => name).join(separator);
