import { type FactoryProvider, HttpStatus, RequestMethod } from '@nestjs/common';
import { HTTP_CODE_METADATA } from '@nestjs/common/constants.js';
import { REQUEST_TOKEN_READY } from '../common/constants.js';
import type { LinkSettings } from './links.js';
import { CONFIRM_EXTENSION, type ConfirmExtension } from './openapi-document.js';
import { CONFIRMATION, REFUSAL } from './openapi-responses.js';
import { type DecoratedRoute, RouteTable } from './route-table.js';

type Documented = Record<string, unknown>;

/** What the app itself says of a route. */
interface OwnDocumentation {
  parameters: Documented[];
  responses: Record<string, Documented>;
}

/** Where `@nestjs/swagger` keeps what its decorators are told. It has exported these names since some 11.x only. */
const API_PARAMETERS = 'swagger/apiParameters';
const API_RESPONSE = 'swagger/apiResponse';
const API_EXTENSION = 'swagger/apiExtension';

/** Kept at the handler, because several apps of one process, as in tests, may serve the same controller. */
const OWN_DOCUMENTATION = Symbol('nestjs-request-token:own-documentation');

/**
 * Documents the decorated routes for `@nestjs/swagger`, if the app has it, as the app's own decorators
 * would: before `SwaggerModule.createDocument` can ask. What the app documents itself is left as it is. The package
 * is not imported: bundlers would look for it in apps that have none.
 */
export const openApiProvider: FactoryProvider<void> = {
  provide: Symbol('nestjs-request-token:openapi'),
  useFactory: (table: RouteTable, { parameter }: LinkSettings) => {
    for (const route of table.all()) document(route, parameter);
  },
  inject: [RouteTable, REQUEST_TOKEN_READY],
};

function document(route: DecoratedRoute, parameter: string): void {
  const { controller, handler, options } = route;
  const own = ownDocumentation(route);
  const token = {
    name: parameter,
    in: 'query',
    required: options.required,
    description: 'Request token: the JWT of a link. A form or JSON body may carry it instead.',
    schema: { type: 'string', format: 'jwt' },
  };
  const isOwn = own.parameters.some(({ name, in: place }) => name === token.name && place === token.in);
  Reflect.defineMetadata(API_PARAMETERS, isOwn ? own.parameters : [...own.parameters, token], handler);

  const ofController = Reflect.getMetadata(API_RESPONSE, controller) as object | undefined;
  // Without a spread, which would ask what is only known later.
  const responses = copyOf(own.responses);
  if (options.confirm) {
    change(responses, HttpStatus.OK, withConfirmation);
    const extensions = Reflect.getMetadata(API_EXTENSION, handler) as object | undefined;
    const extension = { [CONFIRM_EXTENSION]: extensionOf(own.responses) };
    Reflect.defineMetadata(API_EXTENSION, { ...extensions, ...extension }, handler);
  }
  if (!ofController || !(HttpStatus.FORBIDDEN in ofController)) responses[HttpStatus.FORBIDDEN] ??= REFUSAL;
  Reflect.defineMetadata(API_RESPONSE, responses, handler);
}

function ownDocumentation(route: DecoratedRoute): OwnDocumentation {
  const { handler } = route;
  const known = Reflect.getOwnMetadata(OWN_DOCUMENTATION, handler) as OwnDocumentation | undefined;
  if (known) return known;
  const own: OwnDocumentation = {
    parameters: (Reflect.getMetadata(API_PARAMETERS, handler) ?? []) as Documented[],
    responses: (Reflect.getMetadata(API_RESPONSE, handler) ??
      inferred(route)) as OwnDocumentation['responses'],
  };
  Reflect.defineMetadata(OWN_DOCUMENTATION, own, handler);
  return own;
}

/** `@nestjs/swagger` documents one answer for all methods of an `@All()` route. */
function withConfirmation(success: Documented = {}): Documented {
  const asks =
    'GET: what is to be confirmed (application/json), or a page with one button (text/html). POST: acts, and answers.';
  const description = [success.description, asks].filter(Boolean).join('\n\n');
  return { ...success, description, ...(!hasBody(success) && { content: CONFIRMATION.content }) };
}

const hasBody = (answer: Documented): boolean =>
  ['type', 'schema', 'content', 'standardSchema'].some((key) => answer[key] !== undefined);

/** Asked when the document is made, as {@link inferred} is. */
const extensionOf = (responses: OwnDocumentation['responses']): ConfirmExtension => ({
  get own() {
    const success = responses[HttpStatus.OK] as Documented | undefined;
    if (!success) return undefined;
    const { description } = success;
    return { description: typeof description === 'string' ? description : '', hasBody: hasBody(success) };
  },
});

/**
 * The answer that is documented by itself, and what Nest's CLI plugin found out of it: both are lost on routes that
 * have any answer already. With swc the plugin's findings come when the app calls `SwaggerModule.loadPluginMetadata`,
 * so they are asked for when the document is made.
 */
function inferred(route: DecoratedRoute): OwnDocumentation['responses'] {
  const responses = {};
  change(responses, successStatus(route), () => inferredByPlugin(route));
  return responses;
}

/** As the plugin leaves it at a controller, or at one that it extends; some of it is about the operation. */
function inferredByPlugin({ controller, method }: DecoratedRoute): Documented {
  for (let type: object | null = controller; type; type = Object.getPrototypeOf(type) as object | null) {
    const { _OPENAPI_METADATA_FACTORY: findings } = type as {
      _OPENAPI_METADATA_FACTORY?: () => Record<string, Documented>;
    };
    const found = findings?.()[method];
    if (!found) continue;
    const isOfAnswer = ([key]: [string, unknown]) =>
      !['status', 'summary', 'deprecated', 'tags'].includes(key);
    const answer = Object.fromEntries(Object.entries(found).filter(isOfAnswer));
    const ofMany = Array.isArray(answer.type) && { type: answer.type[0] as unknown, isArray: true };
    return { description: '', ...answer, ...ofMany };
  }
  return { description: '' };
}

const copyOf = (responses: OwnDocumentation['responses']): OwnDocumentation['responses'] =>
  Object.defineProperties({}, Object.getOwnPropertyDescriptors(responses));

/** Makes one answer of another, when somebody asks for it. */
function change(
  responses: OwnDocumentation['responses'],
  status: HttpStatus,
  make: (before?: Documented) => Documented,
): void {
  const before = Object.getOwnPropertyDescriptor(responses, status);
  const get = () =>
    make(before?.get ? (before.get() as Documented) : (before?.value as Documented | undefined));
  Object.defineProperty(responses, status, { get, enumerable: true, configurable: true });
}

function successStatus({ handler, requestMethod }: DecoratedRoute): HttpStatus {
  const declared = Reflect.getMetadata(HTTP_CODE_METADATA, handler) as HttpStatus | undefined;
  return declared ?? (requestMethod === RequestMethod.POST ? HttpStatus.CREATED : HttpStatus.OK);
}
