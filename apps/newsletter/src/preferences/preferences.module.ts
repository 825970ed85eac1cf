import { Module } from '@nestjs/common';
import { SubscribersModule } from '../subscribers/subscribers.module.js';
import { PreferencesController } from './preferences.controller.js';

@Module({ imports: [SubscribersModule], controllers: [PreferencesController] })
export class PreferencesModule {}
