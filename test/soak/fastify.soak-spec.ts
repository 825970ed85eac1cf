import { describeAnswers } from './answers.js';

describeAnswers('fastify');
