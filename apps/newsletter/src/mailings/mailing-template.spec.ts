import { describe, expect, it } from '@jest/globals';
import { MailingSyntaxError, MailingTemplate } from './mailing-template.js';

const links = {
  rsvp: 'https://example.org/events/x/rsvp?a=1&rt=aaa.bbb.ccc',
  preferences: 'https://example.org/preferences?rt=ddd.eee.fff',
  unsubscribe: 'https://example.org/unsubscribe?rt=ggg.hhh.iii',
};
const render = (markdown: string, name = 'Ann') => new MailingTemplate(markdown).render({ name, links });

describe('MailingTemplate', () => {
  it('takes the subject from the first heading', () => {
    const template = new MailingTemplate('Hello\n\n# Tea & *cake* for {{name}}\n\n# Another');
    expect(template.title).toBe('Tea & cake for {{name}}');
    expect(template.render({ name: "Li & O'Hara", links }).subject).toBe("Tea & cake for Li & O'Hara");
  });

  it('escapes the name in HTML, and not in the subject and the text', () => {
    const { subject, html, text } = render(
      '# Hi {{name}}\n\nHello {{name}}!',
      '<b>[x](http://evil)</b> & co',
    );
    expect(subject).toBe('Hi <b>[x](http://evil)</b> & co');
    expect(html).toContain('Hello &lt;b&gt;[x](http://evil)&lt;/b&gt; &amp; co!');
    expect(html).not.toContain('<b>');
    expect(text).toContain('Hello <b>[x](http://evil)</b> & co!');
  });

  it('never takes a name for a placeholder', () => {
    expect(render('# Hi\n\n{{name}}', '{{links.rsvp}}').text).toContain('{{links.rsvp}}');
  });

  it('puts links into HTML and text', () => {
    const { html, text } = render("# Hi\n\n[Yes, I'll come](link:rsvp).\n\nOr [not](link:unsubscribe).");
    expect(html).toContain('<a href="https://example.org/events/x/rsvp?a=1&amp;rt=aaa.bbb.ccc">');
    expect(html).toContain('<a href="https://example.org/unsubscribe?rt=ggg.hhh.iii">not</a>.');
    expect(text).toContain('Or not <https://example.org/unsubscribe?rt=ggg.hhh.iii>.');
  });

  it('leaves other links alone', () => {
    expect(render('# Hi\n\n[map](https://example.org/map)').html).toContain('href="https://example.org/map"');
  });

  it.each([
    ['no heading', 'Hello', /no "# heading"/],
    ['an unknown link', '# Hi\n\n[x](link:nowhere)', /no link called "nowhere"/],
    ['an unknown placeholder', '# Hi {{nmae}}', /nmae/],
    ['a placeholder that is not closed', '# Hi {{name', /Parse error/],
  ])('refuses %s', (_what, markdown, message) => {
    expect(() => new MailingTemplate(markdown)).toThrow(MailingSyntaxError);
    expect(() => new MailingTemplate(markdown)).toThrow(message);
  });
});
