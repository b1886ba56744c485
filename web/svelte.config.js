import { vitePreprocess } from '@sveltejs/vite-plugin-svelte'

export default {
  preprocess: vitePreprocess(),
  compilerOptions: {
    runes: true,
    // Tables are laid out as lists on narrow screens, which takes their roles from them; so the roles are written down.
    warningFilter: (warning) => warning.code !== 'a11y_no_redundant_roles',
  },
}
