window.searchConfig={appId:"AB12CD34EF",searchApiKey:"0123456789abcdef0123456789abcdef",index:"prod_en-us_content"};
