import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

// Tests are transpiled without a look at types. What a type accepts and refuses is only known to the compiler, so that
// it is asked here: a line below `@ts-expect-error` that compiles is an error, too.

const here = fileURLToPath(new URL('.', import.meta.url));
const at = (name: string) => `${here}${name}`;

/** What the compiler says of these files, as `file:line message`. */
function complaintsAbout(files: string[], options: ts.CompilerOptions): string[] {
  const program = ts.createProgram(files, options);
  return files.flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ start = 0, messageText }) => {
        const line = source!.getLineAndCharacterOfPosition(start).line + 1;
        return `${file.slice(here.length)}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      },
    );
  });
}

const { options } = ts.getParsedCommandLineOfConfigFile(at('tsconfig.json'), undefined, {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
    throw new Error(ts.flattenDiagnosticMessageText(messageText, ' '));
  },
})!;

describe('The types of the public API', () => {
  it('accept and refuse what they should', () => {
    const usual = { ...options, exactOptionalPropertyTypes: false };
    expect(complaintsAbout([at('public-api.types.ts')], usual)).toEqual([]);
  }, 120_000);

  it('do so with exactOptionalPropertyTypes, and take no undefined then', () => {
    const files = [at('public-api.types.ts'), at('exact-optional.types.ts')];
    expect(complaintsAbout(files, options)).toEqual([]);
  }, 120_000);
});
