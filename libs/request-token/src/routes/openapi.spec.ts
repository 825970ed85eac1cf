import { expect, it, jest } from '@jest/globals';

it('An app without @nestjs/swagger is left as it is', async () => {
  jest.unstable_mockModule('@nestjs/swagger', () => {
    throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  });
  const { openApiProvider } = await import('./openapi.js');
  const all = jest.fn(() => []);
  await openApiProvider.useFactory({ all }, { parameter: 'rt' });
  expect(all).not.toHaveBeenCalled();
});
