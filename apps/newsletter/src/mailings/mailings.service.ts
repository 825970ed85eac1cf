import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable, NotFoundException, type OnModuleInit } from '@nestjs/common';
import { StartupError } from '../config/startup-error.js';
import { appRoot } from '../paths.js';
import { MailingSyntaxError, MailingTemplate } from './mailing-template.js';

export interface Mailing {
  /** The name of its file. It is also the name of the event that the mailing invites to. */
  slug: string;
  template: MailingTemplate;
}

/** The Markdown files in `mailings/`, read once at start. */
@Injectable()
export class MailingsService implements OnModuleInit {
  private readonly mailings = new Map<string, Mailing>();

  async onModuleInit(): Promise<void> {
    const folder = join(appRoot, 'mailings');
    const files = (await readdir(folder)).filter((file) => file.endsWith('.md')).sort();
    for (const file of files) {
      const slug = file.slice(0, -'.md'.length);
      this.mailings.set(slug, { slug, template: await this.read(join(folder, file)) });
    }
  }

  all(): Mailing[] {
    return [...this.mailings.values()];
  }

  get(slug: string): Mailing {
    const mailing = this.mailings.get(slug);
    if (!mailing) throw new NotFoundException('There is no such mailing.');
    return mailing;
  }

  private async read(file: string): Promise<MailingTemplate> {
    const markdown = await readFile(file, 'utf8');
    try {
      return new MailingTemplate(markdown);
    } catch (error) {
      if (error instanceof MailingSyntaxError) throw new StartupError(`${file}: ${error.message}.`);
      throw error;
    }
  }
}
