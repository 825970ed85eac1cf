import { describe, expect, it } from '@jest/globals';
import { isRequestTokenAuthenticated } from '../request/authentication.js';
import { requestTokenField, requestTokenQuery } from './form-helpers.js';

describe.each([isRequestTokenAuthenticated, requestTokenField, requestTokenQuery])('%p', (helper) => {
  it.each([[undefined], [null], ['/list']])('says so when it is given %j instead of a request', (request) => {
    expect(() => helper(request as unknown as object)).toThrow(`${helper.name}: request must be`);
  });

  it('is for requests that no token was asked of, too', () => {
    expect(helper({})).toBeFalsy();
  });
});
