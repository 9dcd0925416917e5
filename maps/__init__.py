"""Declarations and data become Folium pages, legends and sheets. No SQL, no HTTP."""
