import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  Column,
  DataSource,
  DefaultNamingStrategy,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
} from 'typeorm';
import { EntityRows } from './entity-rows.js';

@Entity('letter')
class Letter {
  @PrimaryColumn('uuid', { name: 'id' })
  id!: string;

  @Column('varchar', { name: 'kind', length: 10 })
  kind!: string;

  @Column('inet', { name: 'sender_ip', nullable: true })
  senderIp!: string | null;

  @Column('timestamptz', { name: 'sent_at', nullable: true })
  sentAt!: Date | null;

  @Column('int', { name: 'size' })
  size!: number;

  @Column('jsonb', { name: 'data' })
  data!: Record<string, unknown>;

  @Column('uuid', { name: 'answer_id' })
  answerId!: string;

  @ManyToOne(() => Letter)
  @JoinColumn({ name: 'answer_id' })
  answer?: Letter;
}

@Entity('drawing')
class Drawing {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('polygon')
  shape!: string;
}

class Shouting extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string, prefixes: string[]): string {
    return super.columnName(propertyName, customName, prefixes).toUpperCase();
  }
}

/** A DataSource that knows its entities, and has no database. */
class Unconnected extends DataSource {
  async build(): Promise<this> {
    await this.buildMetadatas();
    return this;
  }
}

describe('EntityRows', () => {
  let dataSource: DataSource;
  let letters: EntityRows<Letter>;
  beforeAll(async () => {
    dataSource = await new Unconnected({ type: 'postgres', entities: [Letter, Drawing] }).build();
    letters = new EntityRows(dataSource, Letter);
  });

  it('has the columns of the entity, and none for a relation', () => {
    expect(letters.columns).toEqual([
      ['id', 'uuid'],
      ['kind', 'text'],
      ['senderIp', 'inet'],
      ['sentAt', 'timestamptz'],
      ['size', 'int'],
      ['data', 'jsonb'],
      ['answerId', 'uuid'],
    ]);
  });

  it('has none for a relation either where a naming strategy changes given names, as TypeORM does not ask it about those of relations', async () => {
    const shouting = new Unconnected({
      type: 'postgres',
      entities: [Letter],
      namingStrategy: new Shouting(),
    });
    const { columns, quoted } = new EntityRows(await shouting.build(), Letter);
    expect(columns).toEqual(letters.columns);
    expect(quoted('answerId')).toBe('"ANSWER_ID"');
  });

  it('selects all columns as text, under the names of the properties', () => {
    expect(letters.selection('letter').split(', ')).toEqual([
      'letter."id"::text AS "id"',
      'letter."kind"::text AS "kind"',
      'host(letter."sender_ip") AS "senderIp"',
      `date_part('epoch'`,
      `letter."sent_at")::text AS "sentAt"`,
      'letter."size"::text AS "size"',
      'letter."data"::text AS "data"',
      'letter."answer_id"::text AS "answerId"',
    ]);
  });

  const row = {
    id: '1',
    kind: 'card',
    senderIp: '::1',
    sentAt: '0.5',
    size: '9',
    data: '{"a":1}',
    answerId: '2',
  };

  it('reads an entity from a row of texts', () => {
    const letter = letters.read(row);
    expect(letter).toBeInstanceOf(Letter);
    expect(letter).toEqual({
      ...row,
      sentAt: new Date(500),
      size: 9,
      data: { a: 1 },
    });
  });

  it('reads null as null, whatever the type', () => {
    expect(letters.read({ ...row, senderIp: null, sentAt: null })).toMatchObject({
      senderIp: null,
      sentAt: null,
    });
  });

  it('writes moments as PostgreSQL reads them, also of years that ISO 8601 does not know', () => {
    const sentAt = new Date(Date.UTC(12_345, 0, 1));
    const letter = Object.assign(letters.read(row), { sentAt });
    expect(letters.write(letter)).toMatchObject({ kind: 'card', sentAt: '12345-01-01T00:00:00.000Z' });
    expect(letters.write(Object.assign(letter, { sentAt: null })).sentAt).toBeNull();
  });

  it('throws about a type that it does not know, instead of losing a value', () => {
    expect(() => new EntityRows(dataSource, Drawing)).toThrow('type polygon');
  });
});
