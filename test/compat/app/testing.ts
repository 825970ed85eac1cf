import type { INestApplication } from '@nestjs/common';
import { requestTokenTesting, type TestLink } from 'nestjs-request-token/testing';
import { LinksController } from './links.controller.js';

/** Only compiled: the declarations of the second entry point have to be found, too. */
export const linkOf = (app: INestApplication): Promise<TestLink> =>
  requestTokenTesting(app).link(LinksController, 'open', { user: 1 });
