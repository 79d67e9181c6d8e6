"""Everything that imports streamlit. Pages compose what stands here."""
