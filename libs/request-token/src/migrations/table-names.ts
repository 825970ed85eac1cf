import type { DataSource } from 'typeorm';

/**
 * What an app's DataSource makes of a table's name and those of its columns, keys and indexes: schema, prefix and
 * naming strategy. It asks for them as TypeORM does for an entity, of which it knows nothing. Frozen, as the
 * migrations are.
 */
export class TableNames {
  /** Without schema. */
  readonly name: string;
  readonly schema: string | undefined;
  /** With schema, as TypeORM takes it; not quoted. */
  readonly path: string;

  constructor(
    private readonly dataSource: DataSource,
    className: string,
    tableName: string,
  ) {
    const { namingStrategy, options } = dataSource;
    const name = namingStrategy.tableName(className, tableName);
    this.name = options.entityPrefix ? namingStrategy.prefixTableName(options.entityPrefix, name) : name;
    this.schema = (options as { schema?: string }).schema;
    this.path = this.schema ? `${this.schema}.${this.name}` : this.name;
  }

  column(property: string, name: string): string {
    return this.dataSource.namingStrategy.columnName(property, name, []);
  }

  check(expression: string): string {
    return this.dataSource.namingStrategy.checkConstraintName(this.name, expression);
  }

  index(columns: string[]): string {
    return this.dataSource.namingStrategy.indexName(this.name, columns);
  }

  foreignKey(columns: string[], referenced: TableNames, referencedColumns: string[]): string {
    const { namingStrategy } = this.dataSource;
    return namingStrategy.foreignKeyName(this.name, columns, referenced.name, referencedColumns);
  }

  /** For SQL: the table. */
  get quoted(): string {
    return this.path.split('.').map(this.quote).join('.');
  }

  /** For SQL. */
  readonly quote = (name: string): string => this.dataSource.driver.escape(name);
}
