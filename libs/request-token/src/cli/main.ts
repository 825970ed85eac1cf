#!/usr/bin/env node
import 'reflect-metadata';
import { keepOutput } from './output.js';
import { run } from './run.js';

keepOutput();
process.exit(await run(process.argv.slice(2)));
