import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
const library = join(root, 'libs/request-token');

/**
 * Files of an app, compiled as ES modules beside an installed copy of the library, so that processes can run them.
 * Types are checked by `npm run typecheck`.
 */
export class CompiledApp {
  private constructor(readonly folder: string) {}

  static async of(sources: URL): Promise<CompiledApp> {
    // Where the packages are found that the repository has installed.
    await mkdir(join(root, 'dist'), { recursive: true });
    const folder = await mkdtemp(join(root, 'dist/app-'));
    const installed = join(folder, 'node_modules/nestjs-request-token');
    await mkdir(installed, { recursive: true });
    await cp(join(library, 'package.json'), join(installed, 'package.json'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await compile(join(library, 'src'), join(installed, 'dist'));
    await compile(fileURLToPath(sources), folder);
    return new CompiledApp(folder);
  }

  /** The path of a compiled file. */
  file(name: string): string {
    return join(this.folder, name.replace(/ts$/, 'js'));
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

async function compile(from: string, to: string): Promise<void> {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: ts.CompilerOptions };
  };
  // One file at a time, the compiler sees no package.json that says that they are modules.
  const compilerOptions = {
    ...config.compilerOptions,
    module: 'esnext' as unknown as ts.ModuleKind,
    moduleResolution: 'bundler' as unknown as ts.ModuleResolutionKind,
  };
  const names = (await readdir(from, { recursive: true })).filter((name) => /(?<!\.spec)\.ts$/.test(name));
  await Promise.all(
    names.map(async (name) => {
      const source = await readFile(join(from, name), 'utf8');
      const { outputText } = ts.transpileModule(source, { fileName: name, compilerOptions });
      const path = join(to, name.replace(/ts$/, 'js'));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, outputText);
    }),
  );
}
