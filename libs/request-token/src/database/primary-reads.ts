import { Inject, Injectable } from '@nestjs/common';
import {
  DataSource,
  type EntityManager,
  type EntityTarget,
  type FindManyOptions,
  type ObjectLiteral,
} from 'typeorm';
import { REQUEST_TOKEN_DATA_SOURCE } from '../common/constants.js';
import { Connections } from './connections.js';
import { retrying } from './retries.js';
import { StatementBounds } from './statement-bounds.js';

/** Reads entities of the app that decide: from the primary, past every replica, and past a query cache that is always on. */
@Injectable()
export class PrimaryReads {
  /** The DataSource as it is without a query cache; not every TypeORM 0.3 lets a query say no to it. */
  private readonly uncached: DataSource;

  constructor(
    @Inject(REQUEST_TOKEN_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly connections: Connections,
    private readonly bounds: StatementBounds,
  ) {
    this.uncached = Object.create(dataSource, { queryResultCache: { value: undefined } }) as DataSource;
  }

  /**
   * @param manager whose transaction is to see what it has written itself, with whatever bounds that has
   * @param hidden columns of `select: false`, by the path of their property, that are to be read all the same
   */
  async find<Entity extends ObjectLiteral>(
    entity: EntityTarget<Entity>,
    options: FindManyOptions<Entity>,
    manager?: EntityManager,
    hidden: string[] = [],
  ): Promise<Entity[]> {
    const { name } = this.dataSource.getMetadata(entity);
    const ask = (runner: EntityManager['queryRunner']) =>
      this.uncached
        .createQueryBuilder(entity, name, runner)
        .setFindOptions(options)
        .addSelect(hidden.map((path) => `${name}.${path}`))
        .getMany();
    if (manager?.queryRunner) return ask(manager.queryRunner);
    const deadline = this.bounds.soon();
    return retrying(() => this.connections.lend(ask, deadline), deadline);
  }
}
