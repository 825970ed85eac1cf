import { Injectable } from '@nestjs/common';
import { RequestTokenUserLoader } from './user-loader.js';

/** For apps that want no look-up: the user is its primary key. */
@Injectable()
export class IdUserLoader extends RequestTokenUserLoader {
  override load(userId: string): Promise<{ id: string }> {
    return Promise.resolve({ id: userId });
  }
}
