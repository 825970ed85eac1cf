import { describeAnswers } from './answers.js';

describeAnswers('express');
