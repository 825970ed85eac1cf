import { assertRequest } from '../common/given.js';
import { attemptOf } from '../http/attempt.js';
import { hiddenField } from './html.js';

/**
 * The token of a request to a decorated route as a hidden form field, for pages of yours whose form posts
 * back to a decorated route. HTML, escaped; put it into a template as it is. Empty without a token.
 *
 * @throws TypeError if the request is none
 * @publicApi
 */
export function requestTokenField(request: object): string {
  assertRequest('requestTokenField', request);
  const parameter = attemptOf(request)?.parameter;
  return parameter ? hiddenField(parameter.name, parameter.value) : '';
}

/**
 * The token of a request to a decorated route as a query string, `?rt=…`, for links of yours to other
 * decorated routes. Empty without a token.
 *
 * @throws TypeError if the request is none
 * @publicApi
 */
export function requestTokenQuery(request: object): string {
  assertRequest('requestTokenQuery', request);
  const parameter = attemptOf(request)?.parameter;
  return parameter ? `?${new URLSearchParams([[parameter.name, parameter.value]]).toString()}` : '';
}
