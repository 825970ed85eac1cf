import { FindForm, type Frame, Layout } from './layout.js';

interface MessagePageProps extends Frame {
  title: string;
  text: string;
}

export const MessagePage = ({ title, text, ...frame }: MessagePageProps) => (
  <Layout {...frame} title={title}>
    <p class="verdict">{text}</p>
    <FindForm base={frame.base} />
  </Layout>
);
