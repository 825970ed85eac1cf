import { type FactoryProvider, HttpStatus, RequestMethod, type Type } from '@nestjs/common';
import { HTTP_CODE_METADATA } from '@nestjs/common/constants.js';
import { REQUEST_TOKEN_READY } from '../common/constants.js';
import type { LinkSettings } from './links.js';
import { CONFIRM_EXTENSION, type ConfirmExtension } from './openapi-document.js';
import { CONFIRMATION, REFUSAL } from './openapi-responses.js';
import { type DecoratedRoute, RouteTable } from './route-table.js';

type Swagger = typeof import('@nestjs/swagger');
type ApiResponseOptions = Parameters<Swagger['ApiResponse']>[0];
type Documented = Record<string, unknown>;

/** What the app itself says of a route. */
interface OwnDocumentation {
  parameters: Documented[];
  responses: Record<string, Documented>;
}

/** Where `@nestjs/swagger` keeps what its decorators are told. It has exported these names since some 11.x only. */
const API_PARAMETERS = 'swagger/apiParameters';
const API_RESPONSE = 'swagger/apiResponse';

/** Kept at the handler, because several apps of one process, as in tests, may serve the same controller. */
const OWN_DOCUMENTATION = Symbol('nestjs-request-token:own-documentation');

/**
 * Documents the decorated routes for `@nestjs/swagger`, if the app has it, as the app's own decorators
 * would: before `SwaggerModule.createDocument` can ask. What the app documents itself is left as it is.
 */
export const openApiProvider: FactoryProvider<Promise<void>> = {
  provide: Symbol('nestjs-request-token:openapi'),
  useFactory: async (table: RouteTable, { parameter }: LinkSettings) => {
    // An app that uses it imports it, too, and is told if that fails.
    const swagger = await import('@nestjs/swagger').catch(() => undefined);
    if (swagger) for (const route of table.all()) document(route, parameter, swagger);
  },
  inject: [RouteTable, REQUEST_TOKEN_READY],
};

function document(route: DecoratedRoute, parameter: string, swagger: Swagger): void {
  const { controller, handler, method, options } = route;
  const own = ownDocumentation(route, swagger);
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
  const responses = { ...own.responses };
  if (options.confirm) {
    const success = responses[HttpStatus.OK] as Documented | undefined;
    responses[HttpStatus.OK] = withConfirmation(success);
    const extension: ConfirmExtension = success
      ? { own: { description: textOf(success.description), hasBody: hasBody(success) } }
      : {};
    const extend = swagger.ApiExtension(CONFIRM_EXTENSION, extension) as MethodDecorator;
    extend(controller.prototype as object, method, { value: handler });
  }
  if (!ofController || !(HttpStatus.FORBIDDEN in ofController)) responses[HttpStatus.FORBIDDEN] ??= REFUSAL;
  Reflect.defineMetadata(API_RESPONSE, responses, handler);
}

function ownDocumentation(route: DecoratedRoute, { ApiResponse }: Swagger): OwnDocumentation {
  const { handler, controller, method } = route;
  const known = Reflect.getOwnMetadata(OWN_DOCUMENTATION, handler) as OwnDocumentation | undefined;
  if (known) return known;
  // What Nest's CLI plugin found out, and the status that is documented by itself, are lost on routes that
  // have any response already, so they have to be there first.
  const inferred = { status: successStatus(route), ...inferredByPlugin(controller, method) };
  const success = ApiResponse(inferred, { overrideExisting: false });
  success(controller.prototype as object, method, { value: handler });
  const own: OwnDocumentation = {
    parameters: (Reflect.getMetadata(API_PARAMETERS, handler) ?? []) as Documented[],
    responses: Reflect.getMetadata(API_RESPONSE, handler) as OwnDocumentation['responses'],
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

const textOf = (description: unknown): string => (typeof description === 'string' ? description : '');

const hasBody = (answer: Documented): boolean =>
  ['type', 'schema', 'content', 'standardSchema'].some((key) => answer[key] !== undefined);

/** As Nest's CLI plugin leaves it at a controller; some of it is about the operation, not its answer. */
function inferredByPlugin(controller: Type<object>, method: string): ApiResponseOptions {
  const { _OPENAPI_METADATA_FACTORY: inferred } = controller as {
    _OPENAPI_METADATA_FACTORY?: () => Record<string, object>;
  };
  const isOfAnswer = ([key]: [string, unknown]) => !['summary', 'deprecated', 'tags'].includes(key);
  return Object.fromEntries(Object.entries(inferred?.()[method] ?? {}).filter(isOfAnswer));
}

function successStatus({ handler, requestMethod }: DecoratedRoute): HttpStatus {
  const declared = Reflect.getMetadata(HTTP_CODE_METADATA, handler) as HttpStatus | undefined;
  return declared ?? (requestMethod === RequestMethod.POST ? HttpStatus.CREATED : HttpStatus.OK);
}
