import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppProcess } from './app-process.js';
import { type Outcome, run } from './run.js';
import type { Stack } from './stacks.js';

/** A project of its own, with the app in it, as somebody makes it who has never seen this repository. */
export class Project {
  private readonly apps: AppProcess[] = [];

  private constructor(
    readonly folder: string,
    private readonly stack: Stack,
  ) {}

  /** Installs the stack and the packed library, and compiles the app. */
  static async create(stack: Stack, workplace: string, tarball: string): Promise<Project> {
    const project = new Project(join(workplace, stack.name.replace(/\W+/g, '-')), stack);
    await mkdir(project.folder);
    await cp(fileURLToPath(new URL('app', import.meta.url)), join(project.folder, 'src'), {
      recursive: true,
    });
    const dependencies = { ...stack.dependencies, 'nestjs-request-token': `file:${tarball}` };
    await project.write('package.json', { name: 'app', private: true, type: stack.type, dependencies });
    await project.write('tsconfig.json', project.tsconfig(stack.compilerOptions));
    // With scripts left out, because none of these packages needs one.
    const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    await project.succeed('npm', [...install, '--loglevel=error']);
    await project.succeed(process.execPath, [project.tsc, '-p', 'tsconfig.json']);
    return project;
  }

  /** What the compiler says of the app with other settings, the package's own declarations included. */
  async typeCheck(compilerOptions: Record<string, unknown>): Promise<Outcome> {
    const config = `tsconfig.${String(compilerOptions.module)}.json`;
    await this.write(config, this.tsconfig({ ...compilerOptions, noEmit: true, skipLibCheck: false }));
    return run(this.folder, process.execPath, [this.tsc, '-p', config]);
  }

  /** Runs a program in the project, as an ES module or as CommonJS. */
  async node(code: string, type: Stack['type'] = this.stack.type): Promise<Outcome> {
    return run(this.folder, process.execPath, [`--input-type=${type}`, '--eval', code]);
  }

  /** Runs a command of an installed package. */
  async npx(args: string[], env: Record<string, string>): Promise<Outcome> {
    return run(this.folder, 'npx', ['--no-install', ...args], env);
  }

  async start(env: Record<string, string>): Promise<AppProcess> {
    const app = AppProcess.spawn(join(this.folder, 'dist/main.js'), env);
    this.apps.push(app);
    await app.ready();
    return app;
  }

  /** Ends every process that is left. */
  async close(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.kill()));
  }

  /** The installed package. */
  async packageFiles(): Promise<Map<string, string>> {
    const folder = join(this.folder, 'node_modules/nestjs-request-token');
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      // npm puts a dependency there whose version is not that of the project.
      .filter((path) => !path.startsWith(join(folder, 'node_modules')));
    const texts = paths.map(async (path): Promise<[string, string]> => [
      path.slice(folder.length + 1),
      await readFile(path, 'utf8'),
    ]);
    return new Map(await Promise.all(texts));
  }

  private get tsc(): string {
    return join(this.folder, 'node_modules/typescript/bin/tsc');
  }

  private tsconfig(compilerOptions: Record<string, unknown>): object {
    return {
      compilerOptions: {
        target: 'ES2022',
        types: ['node'],
        strict: true,
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        skipLibCheck: true,
        rootDir: 'src',
        outDir: 'dist',
        ...compilerOptions,
      },
      include: ['src'],
    };
  }

  private async write(name: string, content: object): Promise<void> {
    await writeFile(join(this.folder, name), JSON.stringify(content, null, 2));
  }

  private async succeed(command: string, args: string[]): Promise<void> {
    const { code, output } = await run(this.folder, command, args);
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${output}`);
  }
}
