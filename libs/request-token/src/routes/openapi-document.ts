import { HttpStatus } from '@nestjs/common';
import { CONFIRMATION } from './openapi-responses.js';

/** At each operation of a confirm route. It stays in documents that are not passed to {@link requestTokenOpenApi}. */
export const CONFIRM_EXTENSION = 'x-request-token-confirm';

/** What the app itself says of the answer with status 200. */
export interface ConfirmExtension {
  own?: { description: string; hasBody: boolean };
}

interface Operation {
  [CONFIRM_EXTENSION]?: ConfirmExtension;
  responses?: Record<string, Record<string, unknown>>;
}

/**
 * An OpenAPI document in which a confirm route has the two operations that clients use, each with its own answer:
 * GET, which asks, and POST, which acts. `@nestjs/swagger` gives an `@All()` route one of every method, with the
 * same answers.
 *
 * @example
 * ```ts
 * const document = requestTokenOpenApi(SwaggerModule.createDocument(app, config));
 * ```
 * @param document is changed, and returned
 * @publicApi
 */
export function requestTokenOpenApi<Document extends { paths: object }>(document: Document): Document {
  for (const operations of Object.values(document.paths) as Record<string, Operation | undefined>[]) {
    for (const [method, operation] of Object.entries(operations)) {
      const confirm = operation?.[CONFIRM_EXTENSION];
      if (!confirm) continue;
      delete operation[CONFIRM_EXTENSION];
      if (method === 'get') operation.responses = responsesOfGet(operation.responses);
      else if (method === 'post') operation.responses = responsesOfPost(operation.responses, confirm);
      else delete operations[method];
    }
  }
  return document;
}

type Responses = Operation['responses'];

const responsesOfGet = (responses: Responses = {}): Responses => {
  const failures = Object.entries(responses).filter(([status]) => !/^[23]/.test(status));
  return { [HttpStatus.OK]: structuredClone(CONFIRMATION), ...Object.fromEntries(failures) };
};

function responsesOfPost(responses: Responses = {}, { own }: ConfirmExtension): Responses {
  const { [HttpStatus.OK]: success, ...others } = responses;
  if (!own) return others;
  const { content, ...rest } = success;
  const { description, hasBody } = own;
  return { [HttpStatus.OK]: { ...rest, description, ...(hasBody && { content }) }, ...others };
}
