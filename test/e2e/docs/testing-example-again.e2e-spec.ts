import './testing-environment.js';
import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { User } from '../../support/user.entity.js';
import { AppModule, Mailings } from './readme-example.js';

describe('The example of docs/testing.md, on a database', () => {
  it('that the app has used,', async () => {
    const moduleRef = await Test.createTestingModule({ imports: [AppModule] }).compile();
    const app = await moduleRef.createNestApplication({ logger: false }).init();
    const user = await app.get(DataSource).manager.save(User, { name: 'Somebody' });
    expect(await app.get(Mailings).unsubscribeLink(user)).toMatch('/newsletter/unsubscribe?rt=');
    await app.close();
  });
});

// Each is the whole spec, beginning with an app that boots.
for (let run = 1; run <= 10; run++) {
  await import(`./testing-example.e2e-spec.ts?run=${run}`);
}
