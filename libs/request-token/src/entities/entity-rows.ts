import type { DataSource } from 'typeorm';
import { type ColumnType, columnType } from '../database/column-types.js';
import type { Columns } from '../database/json-rows.js';
import { EntityNames } from './entity-names.js';

/** The properties of an entity that are columns; what is optional is a relation. */
export type ColumnOf<Entity> = {
  [Property in keyof Entity]-?: undefined extends Entity[Property] ? never : Property;
}[keyof Entity] &
  string;

/** An entity without its relations: what one row says. */
export type ColumnsOf<Entity> = Pick<Entity, ColumnOf<Entity>>;

/** A row as {@link EntityRows.selection} selects it. */
export type TextRow<Entity> = {
  [Property in ColumnOf<Entity>]: string | (null extends Entity[Property] ? null : never);
};

/**
 * How an entity is written and read by SQL. The columns are those that TypeORM knows of the entity: there is no other
 * list of them.
 */
export class EntityRows<Entity extends object> extends EntityNames<Entity> {
  /** With the types that parameters have. */
  readonly columns: Columns<ColumnOf<Entity>>;
  private readonly types: readonly { property: ColumnOf<Entity>; type: ColumnType }[];
  private readonly converted: readonly {
    property: ColumnOf<Entity>;
    toParameter: (value: unknown) => unknown;
  }[];

  constructor(
    dataSource: DataSource,
    private readonly entity: new () => Entity,
  ) {
    super(dataSource, entity);
    // Virtual is one that TypeORM has made up for a relation.
    const columns = this.metadata.columns.filter(({ isVirtual }) => !isVirtual);
    this.types = columns.map((column) => ({
      property: column.propertyName as ColumnOf<Entity>,
      type: columnType(String(column.type)),
    }));
    this.converted = this.types.flatMap(({ property, type: { toParameter } }) =>
      toParameter ? { property, toParameter } : [],
    );
    this.columns = this.types.map(({ property, type }) => [property, type.parameter] as const);
  }

  /** The values of the columns as parameters. */
  write(entity: Entity): Record<ColumnOf<Entity>, unknown> {
    const row: Record<ColumnOf<Entity>, unknown> = { ...entity };
    for (const { property, toParameter } of this.converted)
      if (row[property] !== null) row[property] = toParameter(row[property]);
    return row;
  }

  /** SQL: what to select for {@link read}. */
  selection(alias: string): string {
    return this.types
      .map(({ property, type }) => `${type.select(`${alias}.${this.quoted(property)}`)} AS "${property}"`)
      .join(', ');
  }

  read(row: TextRow<Entity>): Entity {
    const entity = new this.entity();
    for (const { property, type } of this.types) {
      const text: string | null = row[property];
      entity[property] = (text === null ? null : type.fromText(text)) as Entity[typeof property];
    }
    return entity;
  }
}
