// One process of one subject: its server, which also carries out tasks that its parent sends. The subject is
// named by the first argument, its database by DATABASE_URL.
import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { SUBJECT_MODULES } from '../subjects/modules.js';
import { Issuing, type SubjectName } from '../subjects/subject.js';
import type { Command, Report } from './protocol.js';
import { Tasks } from './tasks.js';

// The channel to the parent closes however the parent ends; on Ctrl+C it is the parent's turn to end.
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => undefined);

const report = (message: Report): void => void process.send?.(message);

const module = await SUBJECT_MODULES[process.argv[2] as SubjectName]();
const app = await NestFactory.create(module, { logger: ['fatal', 'error'], abortOnError: false });
await app.listen(0, '127.0.0.1');

async function carryOut({ task, args }: Command): Promise<Report> {
  try {
    const tasks = new Tasks(app.get(Issuing, { strict: false }));
    return { result: await (tasks[task] as (...args: unknown[]) => Promise<unknown>).apply(tasks, args) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.on('message', (command: Command) => void carryOut(command).then(report));
report({ port: ((app.getHttpServer() as Server).address() as AddressInfo).port });
