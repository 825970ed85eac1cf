import { HttpStatus } from '@nestjs/common';
import { RequestTokenErrorCode } from '../common/exception.js';

const PAGE = { 'text/html': { schema: { type: 'string' } } };

export const REFUSAL = {
  description: 'The request token is missing or no good; `code` says why. People get a page instead.',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['statusCode', 'error', 'code', 'message'],
        properties: {
          statusCode: { type: 'integer', example: HttpStatus.FORBIDDEN },
          error: { type: 'string', example: 'Forbidden' },
          code: { type: 'string', enum: Object.keys(RequestTokenErrorCode) },
          message: { type: 'string' },
        },
      },
    },
    ...PAGE,
  },
};

const CONFIRMATION_PROPERTIES = {
  kind: { type: 'string', enum: ['confirm'] },
  lang: { type: 'string', description: 'BCP 47 tag of the language of the texts.' },
  title: { type: 'string' },
  message: { type: 'string' },
  button: { type: 'string' },
  scope: { type: 'string', nullable: true },
  expiresAt: { type: 'string', format: 'date-time', nullable: true },
  usesLeft: { type: 'integer', nullable: true, description: 'null: unlimited' },
};

/** What GET of a confirm route answers with. The title names the type in generated clients. */
export const CONFIRMATION = {
  description: 'What is to be confirmed, by a POST. Nothing has happened yet. People get a page instead.',
  content: {
    'application/json': {
      schema: {
        title: 'RequestTokenConfirmation',
        type: 'object',
        required: Object.keys(CONFIRMATION_PROPERTIES),
        properties: CONFIRMATION_PROPERTIES,
      },
    },
    ...PAGE,
  },
};
