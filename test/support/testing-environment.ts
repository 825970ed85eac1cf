import { afterAll, beforeAll } from '@jest/globals';
import { planDatabase } from './database.js';
import { SECRET } from './test-app.js';

/** For an example whose modules read the environment: imported before them, it gives them a database of their own. */
const database = planDatabase();
process.env.DATABASE_URL = database.url;
process.env.REQUEST_TOKEN_SECRET = SECRET;

// Around the hooks of the spec's own describe.
beforeAll(() => database.create());
afterAll(() => database.drop());
