import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { missingCharacter } from './missing-characters.js';
import { PreparedQueries } from './prepared-queries.js';
import { prepared } from './statement.js';

/** Every encoding has the others. */
const NOT_ASCII = /\P{ASCII}/gu;

const CONVERT = prepared('SELECT $1::text');

/** Which of some texts the encoding of the database cannot store, and for which character; `''` if it does not tell. */
export interface Lack<Name extends string> {
  name: Name;
  character: string;
}

/**
 * What the encoding of the database lacks, for those who have to know before they write. UTF8 lacks nothing; another
 * one is asked once about each character, because PostgreSQL alone knows its tables.
 */
@Injectable()
export class Encoding {
  private isUtf8 = false;
  /** No more than the encoding has. */
  private readonly storable = new Set<string>();

  constructor(private readonly queries: PreparedQueries) {}

  /** Whether there is nothing to ask. */
  get hasAll(): boolean {
    return this.isUtf8;
  }

  /** Tells its name, as PostgreSQL has it. */
  is(name: string): void {
    this.isUtf8 = name === 'UTF8';
  }

  /**
   * No round trip for ASCII, for UTF8, and for characters that were asked about before.
   *
   * @param manager whose transaction may hold the only connection that there is
   * @throws as {@link PreparedQueries.run}
   */
  async lackOf<Name extends string>(
    texts: Record<Name, string | null>,
    manager?: EntityManager,
  ): Promise<Lack<Name> | undefined> {
    if (this.isUtf8) return undefined;
    for (const [name, text] of Object.entries(texts) as [Name, string | null][]) {
      const character = await this.missingIn(text ?? '', manager);
      if (character !== undefined) return { name, character };
    }
    return undefined;
  }

  private async missingIn(text: string, manager?: EntityManager): Promise<string | undefined> {
    const unknown = (text.match(NOT_ASCII) ?? []).filter((character) => !this.storable.has(character));
    if (unknown.length === 0) return undefined;
    // Whoever asks first hears of the encoding, too.
    await this.queries.assertRunnable(manager);
    if (this.isUtf8) return undefined;
    try {
      await this.queries.run({ statement: CONVERT, values: [unknown.join('')] }, { manager });
    } catch (error) {
      const character = missingCharacter(error);
      if (character === undefined) throw error;
      return character;
    }
    for (const character of unknown) this.storable.add(character);
    return undefined;
  }
}
