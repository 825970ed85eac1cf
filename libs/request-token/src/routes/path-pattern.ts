import { LegacyRouteConverter } from '@nestjs/core/router/legacy-route-converter.js';

/**
 * The path of a route as path-to-regexp reads it. A bare `*`, which Fastify takes as it is, becomes what Nest makes
 * of it on Express: the parameter `path`. What else is in Fastify's own notation stays as it is, unreadable.
 */
export const patternOf = (path: string): string => LegacyRouteConverter.tryConvert(path, { logs: false });
