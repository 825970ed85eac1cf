import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { MissingCharacters } from './missing-characters.js';

/** A database that lacks these characters, and says so of the first, in whatever language. */
class Database {
  readonly sent: string[] = [];

  constructor(private readonly lacks: string) {}

  readonly store = async (rows: { agent: string | null }[]): Promise<string> => {
    const text = rows.map(({ agent }) => agent ?? '').join('|');
    this.sent.push(text);
    await Promise.resolve();
    const missing = Array.from(text).find((character) => this.lacks.includes(character));
    if (missing === undefined) return text;
    const bytes = Array.from(Buffer.from(missing), (byte) => `0x${byte.toString(16)}`).join(' ');
    const message = `Zeichen mit Byte-Folge ${bytes} in Kodierung »UTF8« hat keine Entsprechung`;
    throw new QueryFailedError('', [], Object.assign(new Error(message), { code: '22P05' }));
  };
}

const rows = (...agents: (string | null)[]) => agents.map((agent) => ({ agent }));

describe('MissingCharacters', () => {
  it('sends rows as they are to a database that lacks none', async () => {
    const database = new Database('');
    expect(await new MissingCharacters().without(rows('é', null), ['agent'], database.store)).toBe('é|');
    expect(database.sent).toHaveLength(1);
  });

  it('replaces what the database lacks, and nothing else, and remembers it', async () => {
    const database = new Database('é日🎈');
    const characters = new MissingCharacters();
    const send = (...agents: string[]) => characters.without(rows(...agents), ['agent'], database.store);
    expect(await send('aébä', 'é日🎈c')).toBe('a?bä|???c');
    expect(database.sent).toHaveLength(4);
    expect(await send('日é')).toBe('??');
    expect(database.sent).toHaveLength(5);
  });

  it('replaces everything that is not ASCII when it would take too long to learn', async () => {
    const database = new Database('àáâãäåæçèé');
    const [agent] = ['àáâãäåæçèéñ!'];
    expect(await new MissingCharacters().without(rows(agent), ['agent'], database.store)).toBe(
      '???????????!',
    );
    expect(database.sent.length).toBeLessThan(10);
  });

  it('leaves other errors, and columns that were not named, alone', async () => {
    const failure = new Error('connection lost');
    const characters = new MissingCharacters();
    await expect(characters.without(rows('é'), ['agent'], () => Promise.reject(failure))).rejects.toBe(
      failure,
    );
    const database = new Database('é');
    const both = [{ agent: 'é', path: 'é' }];
    await characters.without(both, ['agent'], async (sent) => {
      await database.store(sent);
      expect(sent).toEqual([{ agent: '?', path: 'é' }]);
    });
  });
});
