import type { Type } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { PrimaryReads } from '../database/primary-reads.js';
import { EntityUserLoader } from './entity-user-loader.js';
import type { Column } from './key-form.js';
import { type ValueForm, valueFormOf } from './value-form.js';

interface BoundColumn {
  column: Column;
  form: ValueForm;
}

/** As {@link EntityUserLoader}, of users whose tokens end when one of these properties changes. */
export class BoundEntityUserLoader extends EntityUserLoader {
  private bound?: BoundColumn[];

  constructor(
    dataSource: DataSource,
    primary: PrimaryReads,
    entity: Type<object>,
    private readonly properties: readonly string[],
  ) {
    super(dataSource, primary, entity);
    if (dataSource.isInitialized) this.bound = this.readColumns();
  }

  /** Of a user who was loaded here. */
  override boundTo(user: object): unknown[] {
    return this.columns.map(({ column, form }) => {
      const value: unknown = column.getEntityValue(user);
      return form(value) ?? value;
    });
  }

  /** Of a user whom a caller gave: undefined for what the object lacks, and for what only the database can tell. */
  boundToGiven(user: object): unknown[] {
    return this.columns.map(({ column, form }) => form(column.getEntityValue(user)));
  }

  /** Takes from a user what the entity does not select by itself: whoever gets the user is not to get that. */
  conceal(user: object): void {
    for (const { column } of this.columns) if (!column.isSelect) column.setEntityValue(user, undefined);
  }

  protected override hiddenProperties(): string[] {
    return this.columns.filter(({ column }) => !column.isSelect).map(({ column }) => column.propertyPath);
  }

  private get columns() {
    return (this.bound ??= this.readColumns());
  }

  /** @throws Error if one of the properties is no column */
  private readColumns(): BoundColumn[] {
    const { columns } = this.metadata;
    return this.properties.map((property) => {
      const column = columns.find(({ propertyPath }) => propertyPath === property);
      if (!column || column.isVirtual || column.isVirtualProperty) {
        throw new Error(
          `users.boundTo: ${property} is not a column of ${this.entity.name}; name properties that are columns, ` +
            'of an embedded entity as credentials.hash, and of a relation the column that holds its key; ' +
            'for anything else give a RequestTokenUserLoader class with a method boundTo',
        );
      }
      return { column, form: valueFormOf(column, this.dataSource) };
    });
  }
}
