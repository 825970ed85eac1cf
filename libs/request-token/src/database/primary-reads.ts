import type { DataSource, EntityManager, EntityTarget, FindManyOptions, ObjectLiteral } from 'typeorm';

/** Reads what decides: from the primary, past every replica, and past a query cache that is always on. */
export class PrimaryReads {
  /** The DataSource as it is without a query cache; not every TypeORM 0.3 lets a query say no to it. */
  private readonly uncached: DataSource;

  constructor(private readonly dataSource: DataSource) {
    this.uncached = Object.create(dataSource, { queryResultCache: { value: undefined } }) as DataSource;
  }

  /** @param manager whose transaction is to see what it has written itself */
  async find<Entity extends ObjectLiteral>(
    entity: EntityTarget<Entity>,
    options: FindManyOptions<Entity>,
    manager?: EntityManager,
  ): Promise<Entity[]> {
    const { name } = this.dataSource.getMetadata(entity);
    const ask = (runner: EntityManager['queryRunner']) =>
      this.uncached.createQueryBuilder(entity, name, runner).setFindOptions(options).getMany();
    if (manager?.queryRunner) return ask(manager.queryRunner);
    const runner = this.dataSource.createQueryRunner('master');
    try {
      return await ask(runner);
    } finally {
      await runner.release();
    }
  }
}
