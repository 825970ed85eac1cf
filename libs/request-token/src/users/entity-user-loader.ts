import type { Type } from '@nestjs/common';
import type { DataSource, EntityManager, EntityMetadata } from 'typeorm';
import { isDataException } from '../database/database-errors.js';
import type { PrimaryReads } from '../database/primary-reads.js';
import { type Column, type KeyForm, keyFormOf } from './key-form.js';
import { RequestTokenUserLoader } from './user-loader.js';

/** Finds users by the primary key of a TypeORM entity; soft-deleted ones are not found. */
export class EntityUserLoader extends RequestTokenUserLoader {
  private known?: { column: Column; form: KeyForm };

  constructor(
    protected readonly dataSource: DataSource,
    private readonly primary: PrimaryReads,
    protected readonly entity: Type<object>,
  ) {
    super();
    // With `manualInitialization` there are no metadata yet.
    if (dataSource.isInitialized) this.known = this.readMetadata();
  }

  override load(userId: string, manager?: EntityManager): Promise<object | undefined> {
    return this.find(userId, false, manager).catch((error: unknown) => {
      if (isDataException(error)) return undefined;
      throw error;
    });
  }

  override identify(user: object): unknown {
    return this.key.column.getEntityValue(user);
  }

  /** The key as its row has it, where its type tells without asking the database. */
  formOf(key: string): string | undefined {
    return this.key.form(key);
  }

  /**
   * The key as its row has it, and as it was given where there is no such row.
   *
   * @throws TypeError if no row can have it; within a transaction only, which is of no use then
   */
  async findForm(key: string, manager?: EntityManager): Promise<unknown> {
    try {
      const user = await this.find(key, true, manager);
      return user ? this.identify(user) : key;
    } catch (error) {
      if (!isDataException(error)) throw error;
      if (manager) throw new TypeError(`user is no key that ${this.entity.name} can have`, { cause: error });
      return key;
    }
  }

  /** What is to be loaded although the entity does not select it by itself. */
  protected hiddenProperties(): string[] {
    return [];
  }

  private async find(key: string, withDeleted: boolean, manager?: EntityManager) {
    const where = { [this.key.column.propertyName]: key };
    const options = { where, withDeleted };
    const [user] = await this.primary.find(this.entity, options, manager, this.hiddenProperties());
    return user as object | undefined;
  }

  private get key() {
    return (this.known ??= this.readMetadata());
  }

  /** @throws Error if it is no entity of the DataSource, or that is not initialized yet */
  protected get metadata(): EntityMetadata {
    const { name } = this.entity;
    if (!this.dataSource.hasMetadata(this.entity)) {
      if (!this.dataSource.isInitialized)
        throw new Error('users.entity: the DataSource is not initialized yet');
      throw new Error(
        `users.entity: ${name} is not an entity of the DataSource; add it to entities, or to a TypeOrmModule.forFeature`,
      );
    }
    return this.dataSource.getMetadata(this.entity);
  }

  /** @throws Error if it has not exactly one primary column, and as {@link metadata} */
  private readMetadata() {
    const [column, ...others] = this.metadata.primaryColumns;
    if (others.length > 0) {
      throw new Error(
        `users.entity: ${this.entity.name} must have exactly one primary column; give a RequestTokenUserLoader class as users instead`,
      );
    }
    return { column, form: keyFormOf(column, this.dataSource) };
  }
}
