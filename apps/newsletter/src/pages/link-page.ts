import type { Request } from 'express';
import type { RequestTokenPageRenderer } from 'nestjs-request-token';

/** Draws the library's pages for readers of links like all other pages of the app. */
export const renderLinkPage: RequestTokenPageRenderer = (page, request) =>
  new Promise((resolve, reject) => {
    const { app, res } = request as Request;
    app.render('link-page', { ...res?.locals, ...page }, (error: Error | null, html: string) => {
      if (error) reject(error);
      else resolve(html);
    });
  });
