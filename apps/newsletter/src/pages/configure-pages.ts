import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { engine } from 'express-handlebars';
import { ownHostnames } from '../config/address.js';
import { AppConfig } from '../config/app-config.js';
import { appRoot } from '../paths.js';
import { refuseForeignNames } from './foreign-names.js';
import { helpers } from './view-helpers.js';

const VIEWS = join(appRoot, 'views');

/** Pages need nothing but themselves, the stylesheet and the icon; whatever a mail brings along is not loaded. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Server-rendered pages, without JavaScript. */
export function configurePages(app: NestExpressApplication): void {
  app.disable('x-powered-by');
  app.use(refuseForeignNames(ownHostnames(app.get(AppConfig))));
  app.use((_request: Request, response: Response, next: NextFunction) => {
    response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    next();
  });
  app.useStaticAssets(join(appRoot, 'public'));
  app.engine(
    'hbs',
    engine({
      extname: '.hbs',
      defaultLayout: 'main',
      layoutsDir: join(VIEWS, 'layouts'),
      partialsDir: join(VIEWS, 'partials'),
      helpers,
    }),
  );
  app.setBaseViewsDir(VIEWS);
  app.setViewEngine('hbs');
  app.enable('view cache');
}
