declare module '*.vue' {
  const component: any;
  export default component;
}
