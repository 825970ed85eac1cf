import type { Type } from '@nestjs/common';
import type { DataSource, EntityManager, EntityMetadata } from 'typeorm';
import { isDataException } from '../database/database-errors.js';
import { RequestTokenUserLoader } from './user-loader.js';

/** Finds users by the primary key of a TypeORM entity; soft-deleted ones are not found. */
export class EntityUserLoader extends RequestTokenUserLoader {
  private readonly metadata: EntityMetadata;

  constructor(
    private readonly dataSource: DataSource,
    private readonly entity: Type<object>,
  ) {
    super();
    if (!dataSource.hasMetadata(entity)) {
      throw new Error(
        `users.entity: ${entity.name} is not an entity of the DataSource; add it to entities, or to a TypeOrmModule.forFeature`,
      );
    }
    this.metadata = dataSource.getMetadata(entity);
    if (this.metadata.primaryColumns.length !== 1) {
      throw new Error(
        `users.entity: ${entity.name} must have exactly one primary column; give a RequestTokenUserLoader class as users instead`,
      );
    }
  }

  override async load(userId: string, manager: EntityManager = this.dataSource.manager) {
    const [{ propertyName }] = this.metadata.primaryColumns;
    try {
      return await manager.findOneBy(this.entity, { [propertyName]: userId });
    } catch (error) {
      if (isDataException(error)) return null;
      throw error;
    }
  }

  override identify(user: object): unknown {
    return this.metadata.primaryColumns[0].getEntityValue(user);
  }
}
