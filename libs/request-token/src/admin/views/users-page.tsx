import { FindForm, type Frame, Layout } from './layout.js';
import { Recipient } from './parts.js';

interface UsersPageProps extends Frame {
  users: string[];
  labels: Map<string, string>;
  hasMore: boolean;
}

export const UsersPage = ({ users, labels, hasMore, ...frame }: UsersPageProps) => (
  <Layout {...frame} title="Which user?">
    <ul>
      {users.map((user) => (
        <li key={user}>
          <a href={`${frame.base || '/'}?${new URLSearchParams({ user }).toString()}`}>
            <Recipient userId={user} labels={labels} />
          </a>
        </li>
      ))}
    </ul>
    {hasMore && <p>There are more. Say more of the user.</p>}
    <FindForm base={frame.base} />
  </Layout>
);
