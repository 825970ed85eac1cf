import { describe, expect, it } from '@jest/globals';
import { outcomeOf } from './send-outcome.js';

const error = (message: string, properties: object) => Object.assign(new Error(message), properties);

describe('outcomeOf', () => {
  it('knows that a refused mail has not arrived, and that others may', () => {
    expect(outcomeOf(error('No such user', { code: 'EENVELOPE', responseCode: 550 }))).toEqual({
      status: 'failed',
      reason: 'No such user',
    });
  });

  it.each([
    ['nobody listens', { code: 'ESOCKET', syscall: 'connect' }],
    ['the name of the server is unknown', { code: 'EDNS' }],
    ['the password is wrong', { code: 'EAUTH', responseCode: 535 }],
    ['the server never says hello', { code: 'ETIMEDOUT', timeoutType: 'GREETING_TIMEOUT' }],
    ['the server closes with an answer', { code: 'ECONNECTION', responseCode: 421 }],
  ])('knows that no mail arrives when %s', (_what, properties) => {
    expect(outcomeOf(error('x', properties))).toEqual({
      status: 'failed',
      reason: 'x',
      serverUnusable: true,
    });
  });

  it('knows that no mail arrives when no connection lasts long enough to begin', () => {
    const reason = 'Reached maximum number of retries after connection was closed';
    expect(outcomeOf(error(reason, { code: 'ECONNECTION' }))).toMatchObject({ status: 'failed', reason });
  });

  it.each([
    ['the connection is lost', { code: 'ECONNECTION' }],
    ['the connection is reset', { code: 'ESOCKET', syscall: 'read' }],
    ['the server stops answering', { code: 'ETIMEDOUT', timeoutType: 'SOCKET_TIMEOUT' }],
  ])('leaves it open when %s', (_what, properties) => {
    expect(outcomeOf(error('x', properties))).toEqual({
      status: 'interrupted',
      reason: 'x',
      serverUnusable: true,
    });
  });
});
