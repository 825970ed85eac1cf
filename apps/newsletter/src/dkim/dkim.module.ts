import { Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { DkimKey } from './dkim-key.js';

@Module({
  providers: [
    { provide: DkimKey, useFactory: (config: AppConfig) => DkimKey.load(config), inject: [AppConfig] },
  ],
  exports: [DkimKey],
})
export class DkimModule {}
