import type { ComponentChildren } from 'preact';
import { timeText } from '../explain.js';

export const Time = ({ of }: { of: Date }) => <time dateTime={of.toISOString()}>{timeText(of)}</time>;

/** Text of users and apps, which may be in any language. */
export const Text = ({ children }: { children: ComponentChildren }) => <span dir="auto">{children}</span>;

/** By what the app calls a recipient, and the key. */
export const Recipient = ({ userId, labels }: { userId: string | null; labels: Map<string, string> }) => {
  if (userId === null) return <>nobody</>;
  const label = labels.get(userId);
  return <Text>{label === undefined ? userId : `${label} (${userId})`}</Text>;
};

interface FieldProps {
  name: string;
  label: string;
  value: string | undefined;
  type?: 'text' | 'date';
}

export const Field = ({ name, label, value, type = 'text' }: FieldProps) => (
  <label>
    {label}
    {type === 'date' ? (
      <input name={name} type="date" value={value ?? ''} />
    ) : (
      <input name={name} value={value ?? ''} dir="auto" />
    )}
  </label>
);

interface ChoiceProps {
  name: string;
  label: string;
  value: string | undefined;
  choices: [value: string, text: string][];
}

export const Choice = ({ name, label, value, choices }: ChoiceProps) => (
  <label>
    {label}
    <select name={name}>
      <option value="">any</option>
      {choices.map(([choice, text]) => (
        <option key={choice} value={choice} selected={choice === value}>
          {text}
        </option>
      ))}
    </select>
  </label>
);

interface NextProps {
  path: string;
  /** Of this page. */
  query: Record<string, string>;
  after: string | undefined;
  isEmpty: boolean;
  what: string;
}

/** What there is behind a page. */
export const Next = ({ path, query, after, isEmpty, what }: NextProps) => {
  const next = after && `${path || '/'}?${new URLSearchParams({ ...query, after }).toString()}`;
  if (next === undefined) return isEmpty ? <p>No {what}.</p> : null;
  return (
    <p>
      {isEmpty && `No ${what} among the newest. `}
      <a href={next}>{isEmpty ? 'Look further' : 'Older'}</a>
    </p>
  );
};
