/** A set of versions that the library promises to work with, and how an app on them is compiled. */
export interface Stack {
  name: string;
  type: 'commonjs' | 'module';
  dependencies: Record<string, string>;
  /** For tsconfig.json. */
  compilerOptions: Record<string, unknown>;
  /** Other settings that the declarations of the package have to hold with. */
  alsoTyped: Record<string, unknown>[];
}

const COMMON = {
  pg: '8.23.1',
  'reflect-metadata': '0.2.2',
  rxjs: '7.8.2',
  '@types/node': '20.19.43',
};

export const STACKS = {
  /** The default of apps made before Nest 12. */
  nest11: {
    name: 'Nest 11, TypeORM 0.3, CommonJS',
    type: 'commonjs',
    dependencies: {
      ...COMMON,
      '@nestjs/common': '11.2.10',
      '@nestjs/core': '11.2.10',
      '@nestjs/platform-express': '11.2.10',
      '@nestjs/platform-fastify': '11.2.8',
      '@nestjs/typeorm': '11.0.3',
      typeorm: '0.3.31',
      // Optional peers, which the other stacks do without.
      '@nestjs/swagger': '11.4.7',
      'class-validator': '0.14.2',
      typescript: '5.9.3',
    },
    compilerOptions: { module: 'commonjs', moduleResolution: 'node10' },
    alsoTyped: [{ module: 'nodenext', moduleResolution: 'nodenext' }],
  },
  /** What the ranges of the package's peerDependencies begin with. */
  oldest: {
    name: 'the oldest versions of all peers, CommonJS',
    type: 'commonjs',
    dependencies: {
      ...COMMON,
      pg: '8.5.1',
      'reflect-metadata': '0.1.13',
      rxjs: '7.2.0',
      '@nestjs/common': '11.0.1',
      '@nestjs/core': '11.0.1',
      '@nestjs/platform-express': '11.0.1',
      '@nestjs/platform-fastify': '11.0.3',
      '@nestjs/typeorm': '11.0.0',
      typeorm: '0.3.0',
      'class-validator': '0.14.0',
      typescript: '5.4.5',
    },
    compilerOptions: { module: 'commonjs', moduleResolution: 'node10' },
    alsoTyped: [],
  },
  nest12: {
    name: 'Nest 12, TypeORM 1.1, ES modules',
    type: 'module',
    dependencies: {
      ...COMMON,
      '@nestjs/common': '12.5.1',
      '@nestjs/core': '12.5.1',
      '@nestjs/platform-express': '12.5.1',
      '@nestjs/platform-fastify': '12.5.0',
      '@nestjs/typeorm': '12.0.2',
      typeorm: '1.1.1',
      typescript: '6.0.3',
    },
    compilerOptions: { module: 'nodenext', moduleResolution: 'nodenext' },
    alsoTyped: [{ module: 'esnext', moduleResolution: 'bundler' }],
  },
} satisfies Record<string, Stack>;
