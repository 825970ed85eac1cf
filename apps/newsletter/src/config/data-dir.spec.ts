import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keptSecret } from './data-dir.js';
import { StartupError } from './startup-error.js';

describe('keptSecret', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kept-secret-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('makes the file once, for its owner only', async () => {
    const dataDir = join(folder, 'data');
    expect(await keptSecret(dataDir, 'a.secret', () => 'first')).toBe('first');
    expect(await keptSecret(dataDir, 'a.secret', () => 'second')).toBe('first');
    expect((await stat(join(dataDir, 'a.secret'))).mode & 0o777).toBe(0o600);
  });

  it('gives everybody the same when many start at once, and leaves no draft behind', async () => {
    const texts = await Promise.all(
      Array.from({ length: 20 }, (_, index) => keptSecret(folder, 'a.secret', () => `text ${index}`)),
    );
    expect(new Set(texts).size).toBe(1);
    expect(await readdir(folder)).toEqual(['a.secret']);
  });

  it('says which folder cannot be used', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const kept = keptSecret(file, 'a.secret', () => 'x');
    await expect(kept).rejects.toThrow(StartupError);
    await expect(kept).rejects.toThrow(file);
  });
});
