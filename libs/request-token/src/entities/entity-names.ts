import type { DataSource, EntityMetadata, EntityTarget } from 'typeorm';

/** Names of an entity's table and columns as the app's DataSource has them: schema, prefix, naming strategy. */
export class EntityNames<Entity extends object> {
  /** As TypeORM takes it, not quoted. */
  readonly tablePath: string;
  protected readonly metadata: EntityMetadata;

  constructor(
    private readonly dataSource: DataSource,
    entity: EntityTarget<Entity>,
  ) {
    this.metadata = dataSource.getMetadata(entity);
    this.tablePath = this.metadata.tablePath;
  }

  /** As TypeORM takes it, not quoted. */
  column(property: keyof Entity & string): string {
    const column = this.metadata.findColumnWithPropertyName(property);
    if (!column) throw new Error(`${this.metadata.name}.${property} has no column`);
    return column.databaseName;
  }

  /** For SQL: the table. */
  get table(): string {
    return this.tablePath.split('.').map(this.quote).join('.');
  }

  /** For SQL: a column. */
  readonly quoted = (property: keyof Entity & string): string => this.quote(this.column(property));

  private readonly quote = (name: string): string => this.dataSource.driver.escape(name);
}
